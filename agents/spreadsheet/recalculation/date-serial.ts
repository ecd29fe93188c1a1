/** A day of the calendar; the month counts from 1. */
export interface CalendarDay {
  readonly year: number
  readonly month: number
  readonly day: number
}

const dayMilliseconds = 86_400_000
const epoch1900 = Date.UTC(1899, 11, 30)
const offset1904 = 1462

/** The last day either calendar knows: 31 December 9999. */
const lastSerial = 2_958_465

/** The serial number of a day; months and days may run over, as in `DATE(2024, 14, 0)`. Null outside the calendar. */
export const serialOf = (year: number, month: number, day: number, date1904: boolean): number | null => {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  let serial = Math.round((date.getTime() - epoch1900) / dayMilliseconds)
  // The 1900 calendar has a 29 February 1900 that never was: all days before 1 March 1900 are one less.
  if (serial < 61 && !date1904) serial -= 1
  if (date1904) serial -= offset1904
  return serial < 0 || serial > lastSerial || Number.isNaN(serial) ? null : serial
}

/** The day of a serial number, its fraction ignored. Null outside the calendar. */
export const dayOf = (serial: number, date1904: boolean): CalendarDay | null => {
  const whole = Math.floor(serial) + (date1904 ? offset1904 : 0)
  if (serial < 0 || whole > lastSerial || Number.isNaN(whole)) return null
  if (!date1904 && whole === 60) return { year: 1900, month: 2, day: 29 }
  if (!date1904 && whole === 0) return { year: 1900, month: 1, day: 0 }
  const date = new Date(epoch1900 + (whole < 60 && !date1904 ? whole + 1 : whole) * dayMilliseconds)
  return { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
}

/** 0 for Sunday to 6 for Saturday, as the spreadsheet counts (also before March 1900). */
export const weekdayOf = (serial: number, date1904: boolean): number => {
  const whole = Math.floor(serial) + (date1904 ? offset1904 : 0)
  return (((whole - 1) % 7) + 7) % 7
}

/** Days in a month. */
export const monthLength = (year: number, month: number): number => new Date(Date.UTC(year, month, 0)).getUTCDate()

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']

const monthOf = (name: string): number => months.indexOf(name.slice(0, 3).toLowerCase()) + 1

// Two-digit years below 30 belong to this century.
const fullYear = (text: string): number => {
  const year = Number(text)
  if (text.length > 2) return year
  return year < 30 ? 2000 + year : 1900 + year
}

const exactDay = (year: number, month: number, day: number, date1904: boolean): number | null =>
  month < 1 || month > 12 || day < 1 || day > monthLength(year, month) ? null : serialOf(year, month, day, date1904)

/** The serial number of a date text (ISO, US order, or with the month's name), or null. */
export const parseDateText = (text: string, date1904: boolean): number | null => {
  let match = /^(\d{4})[-/](\d{1,2})[-/](\d{1,2})$/.exec(text)
  if (match !== null) return exactDay(Number(match[1]), Number(match[2]), Number(match[3]), date1904)
  match = /^(\d{1,2})[-/](\d{1,2})[-/](\d{4}|\d{2})$/.exec(text)
  if (match !== null) return exactDay(fullYear(match[3] ?? ''), Number(match[1]), Number(match[2]), date1904)
  match = /^(\d{1,2})[- ]([A-Za-z]{3,9})[-, ]+(\d{4}|\d{2})$/.exec(text)
  if (match !== null) return exactDay(fullYear(match[3] ?? ''), monthOf(match[2] ?? ''), Number(match[1]), date1904)
  match = /^([A-Za-z]{3,9})[- ](\d{1,2})[-, ]+(\d{4}|\d{2})$/.exec(text)
  if (match !== null) return exactDay(fullYear(match[3] ?? ''), monthOf(match[1] ?? ''), Number(match[2]), date1904)
  match = /^([A-Za-z]{3,9})[-, ]+(\d{4})$/.exec(text)
  return match === null ? null : exactDay(Number(match[2]), monthOf(match[1] ?? ''), 1, date1904)
}

/** The fraction of a day of a time text such as `14:30`, `2:30:15 PM`, or null. */
export const parseTimeText = (text: string): number | null => {
  const match = /^(\d{1,4}):(\d{1,2})(?::(\d{1,2}(?:\.\d+)?))?(?: ?([AaPp])[Mm]?)?$/.exec(text)
  if (match === null) return null
  let hours = Number(match[1])
  const half = match[4]?.toLowerCase()
  if (half !== undefined) {
    if (hours > 12) return null
    hours = (hours % 12) + (half === 'p' ? 12 : 0)
  }
  const minutes = Number(match[2])
  return minutes > 59 ? null : (hours * 3600 + minutes * 60 + Number(match[3] ?? 0)) / 86_400
}

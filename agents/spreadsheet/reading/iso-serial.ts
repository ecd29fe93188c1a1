const DAY = 86_400_000
const EPOCH_DAYS = 25_569
const DAYS_TO_1904 = 1462

/** The serial number of an ISO 8601 date or time; NaN when it is none. 1900 is a leap year to spreadsheets. */
export function isoSerial(text: string, date1904: boolean): number {
  const time = /^T?\d\d:\d\d/.test(text)
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/.test(text)
  const iso = time ? `1970-01-01T${text.replace(/^T/, '')}` : text
  const milliseconds = Date.parse(zoned || !/T/.test(iso) ? iso : `${iso}Z`)
  if (time) return milliseconds / DAY
  const days = milliseconds / DAY + EPOCH_DAYS
  if (date1904) return days - DAYS_TO_1904
  return days < 61 ? days - 1 : days
}

import { ERROR_TABLE, type ErrorCode } from './error-table.ts'

/** What an error carries beside its code and message. All of it is plain data. */
export interface ErrorDetails {
  /** What the reader can do about it. */
  readonly hint?: string
  /** Where it happened: an address, a field path, a file and line. */
  readonly where?: string
  /** Further facts, as JSON. */
  readonly data?: unknown
  /** Set where waiting does not help, though it does with others of the code. */
  readonly lasting?: boolean
  readonly cause?: unknown
}

/** An error as it travels on a wire or rests in a record. */
export interface ErrorValue {
  readonly name: string
  readonly code: ErrorCode
  readonly message: string
  readonly hint?: string
  readonly where?: string
  readonly data?: unknown
  readonly lasting?: boolean
}

const BRAND = Symbol.for('troupe.error')

/** The one error class: a code of the closed table, a message that says what and where, a hint that says what to do. */
export class TroupeError extends Error {
  readonly code: ErrorCode
  readonly hint: string | undefined
  readonly where: string | undefined
  readonly data: unknown
  readonly lasting: boolean
  readonly [BRAND] = true

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'TroupeError'
    this.code = code
    this.hint = details.hint
    this.where = details.where
    this.data = details.data
    this.lasting = details.lasting ?? false
  }

  /** Whether the same call can succeed later without a change. */
  get retryable(): boolean {
    return ERROR_TABLE[this.code].retryable && !this.lasting
  }

  toJSON(): ErrorValue {
    return errorValue(this)
  }
}

/** True for a `TroupeError` of any copy of this package. */
export function isTroupeError(value: unknown, code?: ErrorCode): value is TroupeError {
  if (typeof value !== 'object' || value === null) return false
  try {
    return BRAND in value && (code === undefined || (value as TroupeError).code === code)
  } catch {
    // Anything can be thrown, a proxy that throws at every look included.
    return false
  }
}

/** The plain-data form of any thrown value. Foreign errors keep their name and message under the code given. Never throws. */
export function errorValue(thrown: unknown, code: ErrorCode = 'INTERNAL'): ErrorValue {
  try {
    return readError(thrown, code)
  } catch {
    return { name: 'Error', code, message: 'an error that cannot be read' }
  }
}

function readError(thrown: unknown, code: ErrorCode): ErrorValue {
  if (isTroupeError(thrown)) {
    return {
      name: thrown.name,
      code: thrown.code,
      message: thrown.message,
      ...(thrown.hint === undefined ? {} : { hint: thrown.hint }),
      ...(thrown.where === undefined ? {} : { where: thrown.where }),
      ...(thrown.data === undefined ? {} : { data: thrown.data }),
      ...(thrown.lasting ? { lasting: true } : {}),
    }
  }
  if (thrown instanceof Error) return { name: textOf(thrown.name), code, message: textOf(thrown.message) }
  if (isErrorValue(thrown)) return thrown
  return { name: 'Error', code, message: textOf(thrown) }
}

/** The error of a value that came off a wire. */
export function errorOf(value: ErrorValue): TroupeError {
  if (isErrorValue(value)) return new TroupeError(value.code, value.message, value)
  // A newer node may have a code that this one does not know.
  const { message } = (value ?? {}) as { message?: unknown }
  return new TroupeError('INTERNAL', typeof message === 'string' ? message : textOf(value))
}

/** Any thrown value as a `TroupeError`; a foreign error becomes the cause. */
export function asTroupeError(thrown: unknown, code: ErrorCode = 'INTERNAL'): TroupeError {
  if (isTroupeError(thrown)) return thrown
  const value = errorValue(thrown, code)
  return new TroupeError(value.code, value.message, { ...value, cause: thrown })
}

function isErrorValue(value: unknown): value is ErrorValue {
  if (typeof value !== 'object' || value === null) return false
  const { name, code, message } = value as Record<string, unknown>
  const isKnown = typeof code === 'string' && Object.hasOwn(ERROR_TABLE, code)
  return isKnown && typeof name === 'string' && typeof message === 'string'
}

// Anything can be thrown, and not everything has a JSON form.
function textOf(thrown: unknown): string {
  if (typeof thrown === 'string') return thrown
  try {
    return JSON.stringify(thrown) ?? String(thrown)
  } catch {
    return Object.prototype.toString.call(thrown)
  }
}

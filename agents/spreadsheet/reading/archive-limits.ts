/** How much a file may take before it is refused. */
export interface ArchiveLimits {
  /** Size of the file itself, in bytes. */
  readonly fileBytes: number
  /** All parts together, inflated. */
  readonly inflatedBytes: number
  /** One part, inflated; above this no JavaScript string can hold it. */
  readonly partBytes: number
  /** Inflated to packed size, judged once the inflated total passes `ratioFloor`. */
  readonly ratio: number
  readonly ratioFloor: number
  readonly entries: number
}

const MEBIBYTE = 1024 * 1024

/** Room for a sheet of several million cells, and far below what a deflate bomb needs. */
export const defaultArchiveLimits: ArchiveLimits = {
  fileBytes: 256 * MEBIBYTE,
  inflatedBytes: 2048 * MEBIBYTE,
  partBytes: 480 * MEBIBYTE,
  ratio: 200,
  ratioFloor: 64 * MEBIBYTE,
  entries: 20_000,
}

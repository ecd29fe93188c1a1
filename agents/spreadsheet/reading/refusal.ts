/** Why a file is not analysed. Each code has one meaning a caller can act on. */
export type RefusalCode =
  | 'EMPTY'
  | 'NOT_A_WORKBOOK'
  | 'TRUNCATED'
  | 'ENCRYPTED'
  | 'TOO_LARGE'
  | 'ZIP_BOMB'
  | 'DOCTYPE'
  | 'BAD_PACKAGE'
  | 'PATH_TRAVERSAL'
  | 'UNREADABLE'

/** A refusal as data: what was wrong and what to do about it. */
export interface BlockReason {
  readonly code: RefusalCode
  readonly reason: string
  readonly hint: string
}

const HINTS: Readonly<Record<RefusalCode, string>> = {
  EMPTY: 'Save the workbook again; nothing arrived.',
  NOT_A_WORKBOOK: 'Give a workbook: xlsx, xlsm, xlsb, xls, ods or csv.',
  TRUNCATED: 'Copy or download the file again; its end is missing.',
  ENCRYPTED: 'Save a copy without a password and give that one.',
  TOO_LARGE: 'Split the workbook or raise the limits.',
  ZIP_BOMB: 'Do not open this file; ask its sender for a clean copy.',
  DOCTYPE: 'Do not open this file; no spreadsheet program writes document type declarations.',
  BAD_PACKAGE: 'Open the file in a spreadsheet program, let it repair the file, and save it again.',
  PATH_TRAVERSAL: 'Do not unpack this file; ask its sender for a clean copy.',
  UNREADABLE: 'Open the file in a spreadsheet program and save it again as xlsx.',
}

/** Thrown inside the reader when a file must not be read; its `block` is what callers see. */
export class Refusal extends Error {
  readonly block: BlockReason

  constructor(code: RefusalCode, reason: string, hint: string = HINTS[code]) {
    super(reason)
    this.name = 'Refusal'
    this.block = { code, reason, hint }
  }
}

/** Whatever went wrong while reading, as a refusal. */
export function unreadable(error: unknown): BlockReason {
  if (error instanceof Refusal) return error.block
  const detail = error instanceof Error ? error.message : String(error)
  return new Refusal('UNREADABLE', `The workbook could not be read: ${detail}.`).block
}

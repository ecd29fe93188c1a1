import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { TroupeError } from '../../runtime/index.ts'
import { openWorkbook, type OpenedWorkbook, type Pause } from './phases/workbook-model.ts'
import { sampleWorkbook } from './sample/sample-workbook.ts'

/** Where a workbook comes from, as plain data. */
export type WorkbookSource =
  | {
      readonly kind: 'file'
      readonly path: string
      /** Set when it has to be these bytes. */
      readonly sha256?: string | undefined
    }
  | { readonly kind: 'sample' }

/** What a report calls a workbook. */
export function titleOf(source: WorkbookSource): string {
  return source.kind === 'file' ? basename(source.path) : 'the sample workbook'
}

/**
 * Open workbooks of this process. Between steps only facts travel; a step that needs the cells takes the workbook from
 * here, or opens the source again, and then insists on the same bytes.
 */
export interface WorkbookShelf {
  /**
   * Opens a source and keeps it under its hash. Throws NOT_FOUND for a file that cannot be read, CONFLICT for other bytes
   * than it has to be.
   */
  open(source: WorkbookSource, pause?: Pause): Promise<OpenedWorkbook>
  /** The workbook with the hash. Throws CONFLICT when the source has changed since. */
  take(source: WorkbookSource, sha256: string, pause?: Pause): Promise<OpenedWorkbook>
  /** True for the run that works on the workbook under its plain name: the first, until it lets go. */
  hold(sha256: string, run: string): boolean
  /** Lets it go. */
  drop(sha256: string, run: string): void
}

// A run that was cut off leaves its workbook here: the shelf holds the few that were opened last.
const PLACES = 4

/** Makes an empty shelf. */
export function createWorkbookShelf(): WorkbookShelf {
  const open = new Map<string, OpenedWorkbook>()
  const holders = new Map<string, string>()

  function forget(sha256: string): void {
    open.delete(sha256)
    holders.delete(sha256)
  }

  async function read(source: WorkbookSource, pause?: Pause): Promise<OpenedWorkbook> {
    const opened = await openWorkbook(await bytesOf(source), {}, pause)
    if (source.kind === 'file' && (source.sha256 ?? opened.integrity.sha256) !== opened.integrity.sha256) {
      throw changed(source)
    }
    if (opened.model === null) return opened
    open.delete(opened.integrity.sha256)
    open.set(opened.integrity.sha256, opened)
    for (const oldest of open.keys()) if (open.size > PLACES) forget(oldest)
    return opened
  }

  return {
    open: read,
    async take(source, sha256, pause) {
      const opened = open.get(sha256) ?? (await read(source, pause))
      if (opened.integrity.sha256 === sha256) return opened
      throw changed(source)
    },
    hold(sha256, run) {
      const holder = holders.get(sha256) ?? run
      holders.set(sha256, holder)
      return holder === run
    },
    drop(sha256, run) {
      if (holders.get(sha256) === run) forget(sha256)
    },
  }
}

/** Rejects with CONFLICT when a source does not have the bytes any more that a run began with, NOT_FOUND when it is gone. */
export async function assertUnchanged(source: WorkbookSource, sha256: string): Promise<void> {
  if ((await hashOf(source)) !== sha256) throw changed(source)
}

/** The hash of a source as it is now. Rejects with NOT_FOUND when it cannot be read. */
export async function hashOf(source: WorkbookSource): Promise<string> {
  return createHash('sha256')
    .update(await bytesOf(source))
    .digest('hex')
}

function changed(source: WorkbookSource): TroupeError {
  const where = source.kind === 'file' ? source.path : 'the sample workbook'
  return new TroupeError('CONFLICT', `${where} has changed since the analysis began`, {
    where,
    hint: 'put it back as it was and go on, or analyse it anew',
  })
}

async function bytesOf(source: WorkbookSource): Promise<Uint8Array> {
  return source.kind === 'sample' ? sampleWorkbook() : fileBytes(source.path)
}

async function fileBytes(path: string): Promise<Uint8Array> {
  try {
    if ((await stat(path)).isDirectory()) throw new Error('it is a folder')
    return await readFile(path)
  } catch (error) {
    throw new TroupeError('NOT_FOUND', `${path} cannot be read: ${plain(error as NodeJS.ErrnoException)}`, {
      where: path,
      hint: 'give the path of a workbook: xlsx, xlsm, xlsb, xls, ods or csv',
    })
  }
}

function plain(error: NodeJS.ErrnoException): string {
  if (error.code === 'ENOENT') return 'there is no such file'
  if (error.code === 'EACCES') return 'permission denied'
  return error.message
}

import { CFB } from '@e965/xlsx'
import { Refusal } from './refusal.ts'

/** The streams of an OLE2 compound file: the container of xls files, of macros and of encrypted workbooks. */
export interface CompoundFile {
  readonly paths: readonly string[]
  /** A stream by the end of its path, without regard to case. */
  stream(name: string): Buffer | undefined
}

interface Container {
  readonly FullPaths: readonly string[]
  readonly FileIndex: readonly { readonly type: number; readonly content?: ArrayLike<number> }[]
}

/** Opens a compound file in memory. */
export function openCompoundFile(file: Buffer): CompoundFile {
  const container = readContainer(file)
  const paths = container.FullPaths.map((path) => path.replace(/^Root Entry\/?/, ''))
  return {
    paths,
    stream(name) {
      const wanted = name.toLowerCase()
      const at = paths.findIndex((path) => {
        const lower = path.toLowerCase()
        return lower === wanted || lower.endsWith(`/${wanted}`)
      })
      const entry = container.FileIndex[at]
      return entry?.type === 2 && entry.content !== undefined ? Buffer.from(entry.content) : undefined
    },
  }
}

function readContainer(file: Buffer): Container {
  if (file.length < 1536)
    throw new Refusal('TRUNCATED', `An OLE2 file has at least 1536 bytes; this one has ${file.length}.`)
  try {
    return CFB.read(file, { type: 'buffer' }) as Container
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error)
    throw new Refusal('TRUNCATED', `The OLE2 container is damaged or cut short (${detail}).`)
  }
}

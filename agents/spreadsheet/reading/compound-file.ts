import { CFB } from '@e965/xlsx'
import { Refusal } from './refusal.ts'

/** The streams of an OLE2 compound file: the container of xls files, of macros and of encrypted workbooks. */
export interface CompoundFile {
  readonly paths: readonly string[]
  /** A stream by its path, without regard to case. */
  stream(path: string): Buffer | undefined
}

const STREAM = 2

interface Container {
  readonly FullPaths: readonly string[]
  readonly FileIndex: readonly { readonly type: number; readonly content?: ArrayLike<number> }[]
}

/** Opens a compound file in memory. */
export function openCompoundFile(file: Buffer): CompoundFile {
  const { FullPaths, FileIndex } = readContainer(file)
  const streams = new Map<string, { readonly path: string; readonly content: ArrayLike<number> }>()
  for (const [i, fullPath] of FullPaths.entries()) {
    const entry = FileIndex[i]
    const path = fullPath.replace(/^[^/]*\//, '')
    if (entry?.type === STREAM && path !== '') streams.set(path.toLowerCase(), { path, content: entry.content ?? [] })
  }
  return {
    paths: [...streams.values()].map((stream) => stream.path),
    stream(path) {
      const found = streams.get(path.toLowerCase())
      return found === undefined ? undefined : Buffer.from(found.content)
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

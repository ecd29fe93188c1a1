import type { ZipArchive } from './zip-archive.ts'
import type { CompoundFile } from './compound-file.ts'
import { Refusal } from './refusal.ts'
import { decodeXmlText } from './xml-text.ts'

/** The raw parts of a workbook file, for what the cell model does not carry. Names compare without regard to case. */
export interface WorkbookParts {
  readonly names: readonly string[]
  has(name: string): boolean
  /** An XML part as text; undefined when there is no such part. */
  text(name: string): string | undefined
  /** A part's bytes; undefined when there is no such part. */
  bytes(name: string): Buffer | undefined
}

/** The parts of a zip package. Each read inflates again; nothing is kept. */
export function archiveParts(archive: ZipArchive): WorkbookParts {
  const bytes = (name: string): Buffer | undefined => {
    const found = archive.find(name)
    return found === undefined ? undefined : archive.read(found)
  }
  return {
    names: archive.names,
    has: (name) => archive.find(name) !== undefined,
    bytes,
    text(name) {
      const content = bytes(name)
      return content === undefined ? undefined : decodeXmlText(content)
    },
  }
}

/** The streams of an OLE2 file as parts. */
export function compoundParts(file: CompoundFile): WorkbookParts {
  return {
    names: file.paths,
    has: (name) => file.stream(name) !== undefined,
    bytes: (name) => file.stream(name),
    text: (name) => file.stream(name)?.toString('latin1'),
  }
}

/** The parts of a file that is not a container. */
export const noParts: WorkbookParts = {
  names: [],
  has: () => false,
  bytes: () => undefined,
  text: () => undefined,
}

/** Parts that may be read for so many bytes in all: a defence against packages whose parts refer to one another at will. */
export function meteredParts(parts: WorkbookParts, budget: number): WorkbookParts {
  let left = budget
  const pay = <T extends { readonly length: number }>(content: T | undefined): T | undefined => {
    left -= content?.length ?? 0
    if (left < 0) throw new Refusal('ZIP_BOMB', 'The parts of the package refer to one another without end.')
    return content
  }
  return { ...parts, bytes: (name) => pay(parts.bytes(name)), text: (name) => pay(parts.text(name)) }
}

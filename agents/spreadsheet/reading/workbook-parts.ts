import type { ZipArchive } from './zip-archive.ts'
import type { CompoundFile } from './compound-file.ts'
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
    names: file.paths.filter((path) => path !== '' && !path.endsWith('/')),
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

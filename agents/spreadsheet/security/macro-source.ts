import { type CompoundFile, openCompoundFile } from '../reading/compound-file.ts'
import type { WorkbookParts } from '../reading/workbook-parts.ts'
import { unpackMacroText } from './macro-compression.ts'

/** The macros of a workbook. */
export interface MacroProject {
  /** The part or storage that holds them. */
  readonly part: string
  readonly size: number
  /** The source text of all modules that could be unpacked. */
  readonly source: string
  /** Whether the project could be opened and every module it lists was unpacked. */
  readonly complete: boolean
}

const MODULE_STREAM = 0x001a
const MODULE_OFFSET = 0x0031
const PROJECT_VERSION = 0x0009

/** Every macro project of a workbook, whatever its format. */
export function readMacroProjects(parts: WorkbookParts): readonly MacroProject[] {
  const projects = parts.names
    .filter((name) => /(?:^|\/)vbaProject\.bin$/i.test(name))
    .map((name) => packedProject(name, parts.bytes(name) ?? Buffer.alloc(0)))
  const storage = parts.names.find((name) => /_VBA_PROJECT_CUR\/VBA\/dir$/i.test(name))
  if (storage !== undefined) projects.push(storedProject(storage.slice(0, -'VBA/dir'.length), parts))
  const basic = parts.names.filter((name) => /^(?:Basic\/.+\/(?!script-)[^/]+\.(?:xml|xba)|Scripts\/.+)$/i.test(name))
  if (basic.length > 0) {
    const source = basic.map((name) => parts.text(name) ?? '').join('\n')
    projects.push({ part: basic[0] as string, size: source.length, source, complete: true })
  }
  return projects
}

function packedProject(part: string, bytes: Buffer): MacroProject {
  try {
    return { part, size: bytes.length, ...modules(openCompoundFile(bytes), '') }
  } catch {
    return { part, size: bytes.length, source: bytes.toString('latin1'), complete: false }
  }
}

function storedProject(storage: string, parts: WorkbookParts): MacroProject {
  const paths = parts.names.filter((name) => name.startsWith(storage))
  const size = paths.reduce((sum, name) => sum + (parts.bytes(name)?.length ?? 0), 0)
  const part = storage.replace(/\/$/, '')
  return { part, size, ...modules({ paths, stream: (path) => parts.bytes(path) }, storage) }
}

/** The directory of a project says in which stream each module lies and where in it the source begins. */
function modules(file: CompoundFile, storage: string): Pick<MacroProject, 'source' | 'complete'> {
  const packed = file.stream(`${storage}VBA/dir`)
  const directory = packed === undefined ? null : unpackMacroText(packed, 0)
  if (directory === null) return { source: '', complete: false }
  const sources: string[] = []
  let complete = true
  let stream = ''
  for (let at = 0; at + 6 <= directory.length; ) {
    const record = directory.readUInt16LE(at)
    const size = record === PROJECT_VERSION ? 6 : directory.readUInt32LE(at + 2)
    const data = directory.subarray(at + 6, at + 6 + size)
    if (record === MODULE_STREAM) stream = data.toString('latin1')
    if (record === MODULE_OFFSET && data.length >= 4) {
      const source = moduleSource(file, `${storage}VBA/`, stream, data.readUInt32LE(0))
      if (source === null) complete = false
      else sources.push(source)
    }
    at += 6 + size
  }
  return { source: sources.join('\n'), complete: complete && sources.length > 0 }
}

function moduleSource(file: CompoundFile, folder: string, stream: string, offset: number): string | null {
  const content = file.stream(folder + stream)
  return content === undefined ? null : (unpackMacroText(content, offset)?.toString('latin1') ?? null)
}

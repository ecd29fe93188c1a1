import { crc32, inflateRawSync } from 'node:zlib'
import type { ArchiveLimits } from './archive-limits.ts'
import { Refusal } from './refusal.ts'
import { readZipDirectory, type ZipEntry } from './zip-directory.ts'

/** A zip whose parts are inflated one at a time, each under a cap. */
export interface ZipArchive {
  readonly names: readonly string[]
  /** The sum of the sizes the headers declare; `read` refuses a part that does not keep to its own. */
  readonly declared: number
  /** The real name of a part, found without regard to case; undefined when there is none. */
  find(name: string): string | undefined
  /** The part's bytes. Throws a refusal when they are damaged or too many. */
  read(name: string): Buffer
}

const LOCAL_HEADER = 0x04034b50

/** Opens a zip over bytes in memory. Nothing is inflated yet. */
export function openZipArchive(file: Buffer, limits: ArchiveLimits): ZipArchive {
  const entries = new Map<string, ZipEntry>()
  let sum = 0
  for (const entry of readZipDirectory(file, limits.entries)) {
    entries.set(entry.name.toLowerCase(), entry)
    sum += entry.declared
  }
  const entryOf = (name: string): ZipEntry | undefined => entries.get(name.replace(/^\/+/, '').toLowerCase())
  return {
    declared: sum,
    names: [...entries.values()].map((entry) => entry.name),
    find: (name) => entryOf(name)?.name,
    read(name) {
      const entry = entryOf(name)
      if (entry === undefined) throw new Refusal('BAD_PACKAGE', `The part ${name} is missing.`)
      return inflate(file, entry, limits.partBytes)
    },
  }
}

function inflate(file: Buffer, entry: ZipEntry, cap: number): Buffer {
  const { name, offset } = entry
  if (offset + 30 > file.length || file.readUInt32LE(offset) !== LOCAL_HEADER) {
    throw new Refusal('TRUNCATED', `The data of ${name} is not where the archive's directory says.`)
  }
  const from = offset + 30 + file.readUInt16LE(offset + 26) + file.readUInt16LE(offset + 28)
  if (from + entry.packed > file.length) throw new Refusal('TRUNCATED', `The file ends inside of ${name}.`)
  if (entry.declared > cap) {
    throw new Refusal('TOO_LARGE', `${name} has ${entry.declared} bytes; one part may have ${cap}.`)
  }
  const data = file.subarray(from, from + entry.packed)
  const content = entry.method === 0 ? data : inflateWithin(data, entry, cap)
  if (content.length !== entry.declared) {
    throw new Refusal('BAD_PACKAGE', `${name} holds ${content.length} bytes, but its header says ${entry.declared}.`)
  }
  if (crc32(content) !== entry.crc) throw new Refusal('BAD_PACKAGE', `${name} is damaged: its checksum does not match.`)
  return content
}

/** The declared size is also the cap: a part that grows beyond it is a lie, found before it costs memory. */
function inflateWithin(data: Buffer, entry: ZipEntry, cap: number): Buffer {
  try {
    return inflateRawSync(data, { maxOutputLength: Math.max(1, Math.min(cap, entry.declared)) })
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ERR_BUFFER_TOO_LARGE') {
      throw new Refusal('ZIP_BOMB', `${entry.name} inflates to more than the ${entry.declared} bytes its header says.`)
    }
    if (code === 'Z_BUF_ERROR') throw new Refusal('TRUNCATED', `The compressed data of ${entry.name} ends too early.`)
    throw new Refusal('BAD_PACKAGE', `The compressed data of ${entry.name} is damaged.`)
  }
}

import { Refusal } from './refusal.ts'

/** One entry of a zip's central directory, as declared; nothing in it is trusted until the data was inflated. */
export interface ZipEntry {
  /** Path with forward slashes and no leading slash. */
  readonly name: string
  readonly method: number
  readonly crc: number
  readonly packed: number
  readonly declared: number
  /** Where the local header begins in the file. */
  readonly offset: number
}

interface Span {
  readonly count: number
  readonly start: number
}

const END_OF_DIRECTORY = 0x06054b50
const END_OF_DIRECTORY_64 = 0x06064b50
const LOCATOR_64 = 0x07064b50
const DIRECTORY_ENTRY = 0x02014b50
const FILE_TYPE = 0xf000
const SYMBOLIC_LINK = 0xa000
const LONGEST_COMMENT = 0xffff
const IN_ZIP64 = 0xffffffff

/** Reads the central directory: the only list of parts that counts. */
export function readZipDirectory(file: Buffer, maxEntries: number): readonly ZipEntry[] {
  const span = findDirectory(file)
  if (span.count > maxEntries) {
    throw new Refusal('ZIP_BOMB', `The archive lists ${span.count} entries; ${maxEntries} are allowed.`)
  }
  const entries: ZipEntry[] = []
  const seen = new Set<string>()
  let at = span.start
  let packed = 0
  for (let i = 0; i < span.count; i++) {
    if (at + 46 > file.length || file.readUInt32LE(at) !== DIRECTORY_ENTRY) {
      throw new Refusal('BAD_PACKAGE', `The archive's directory is damaged at entry ${i + 1} of ${span.count}.`)
    }
    const nameLength = file.readUInt16LE(at + 28)
    const extraLength = file.readUInt16LE(at + 30)
    const next = at + 46 + nameLength + extraLength + file.readUInt16LE(at + 32)
    if (next > file.length) throw new Refusal('TRUNCATED', `The archive ends inside its directory, at entry ${i + 1}.`)
    const entry = readEntry(file, at, nameLength, extraLength)
    if (entry !== null) {
      const key = entry.name.toLowerCase()
      if (seen.has(key)) throw new Refusal('BAD_PACKAGE', `The archive holds the part ${entry.name} twice.`)
      seen.add(key)
      entries.push(entry)
      packed += entry.packed
    }
    at = next
  }
  if (packed > file.length) {
    throw new Refusal('ZIP_BOMB', `The archive's entries claim ${packed} packed bytes in a file of ${file.length}.`)
  }
  return entries
}

function findDirectory(file: Buffer): Span {
  const lowest = Math.max(0, file.length - 22 - LONGEST_COMMENT)
  let end = file.length - 22
  while (end >= lowest && file.readUInt32LE(end) !== END_OF_DIRECTORY) end--
  if (end < lowest) {
    throw new Refusal('TRUNCATED', 'The file begins like a zip archive, but the directory at its end is missing.')
  }
  let count = file.readUInt16LE(end + 10)
  let size = file.readUInt32LE(end + 12)
  let start = file.readUInt32LE(end + 16)
  let recordAt = end
  const locator = end - 20
  if (locator >= 0 && file.readUInt32LE(locator) === LOCATOR_64) {
    recordAt = wide(file, locator + 8)
    if (recordAt + 56 > file.length || file.readUInt32LE(recordAt) !== END_OF_DIRECTORY_64) {
      throw new Refusal('BAD_PACKAGE', 'The archive announces zip64 records, but they are not where it says.')
    }
    count = wide(file, recordAt + 32)
    size = wide(file, recordAt + 40)
    start = wide(file, recordAt + 48)
  }
  if (start + size > recordAt) throw new Refusal('TRUNCATED', 'The archive is shorter than its directory says.')
  return { count, start }
}

function readEntry(file: Buffer, at: number, nameLength: number, extraLength: number): ZipEntry | null {
  const flags = file.readUInt16LE(at + 8)
  const raw = file.toString(flags & 0x800 ? 'utf8' : 'latin1', at + 46, at + 46 + nameLength)
  const name = safeName(raw)
  if (name.endsWith('/')) return null
  if (flags & 0x41) throw new Refusal('ENCRYPTED', `The archive's entry ${name} is encrypted.`)
  // The upper half of the external attributes is the mode of the file it was.
  if ((file.readUInt16LE(at + 40) & FILE_TYPE) === SYMBOLIC_LINK) {
    throw new Refusal('BAD_PACKAGE', `The archive's entry ${name} is a symbolic link, which no workbook holds.`)
  }
  const sizes = [file.readUInt32LE(at + 24), file.readUInt32LE(at + 20), file.readUInt32LE(at + 42)] as const
  const [declared, packed, offset] = sizes.includes(IN_ZIP64)
    ? widened(file, sizes, at + 46 + nameLength, extraLength, name)
    : sizes
  const method = file.readUInt16LE(at + 10)
  if (method !== 0 && method !== 8) {
    throw new Refusal('BAD_PACKAGE', `The archive's entry ${name} uses compression method ${method}.`)
  }
  return { name, method, crc: file.readUInt32LE(at + 16), packed, declared, offset }
}

/** Sizes above 4 GiB are in an extra field that lists only the ones which overflowed, in order. */
function widened(
  file: Buffer,
  sizes: readonly [number, number, number],
  extra: number,
  extraLength: number,
  name: string,
): readonly [number, number, number] {
  for (let at = extra; at + 4 <= extra + extraLength; at += 4 + file.readUInt16LE(at + 2)) {
    if (file.readUInt16LE(at) !== 1) continue
    const end = at + 4 + file.readUInt16LE(at + 2)
    let from = at + 4
    const take = (size: number): number => {
      if (size !== IN_ZIP64) return size
      if (from + 8 > end) throw new Refusal('BAD_PACKAGE', `The zip64 sizes of ${name} are incomplete.`)
      from += 8
      return wide(file, from - 8)
    }
    return [take(sizes[0]), take(sizes[1]), take(sizes[2])]
  }
  throw new Refusal('BAD_PACKAGE', `The zip64 sizes of ${name} are missing.`)
}

function wide(file: Buffer, at: number): number {
  const value = at >= 0 && at + 8 <= file.length ? file.readBigUInt64LE(at) : BigInt(Number.MAX_SAFE_INTEGER)
  return value > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : Number(value)
}

function safeName(raw: string): string {
  const name = raw.replaceAll('\\', '/')
  const segments = name.split('/')
  if (segments.includes('..') || /^[A-Za-z]:/.test(name) || name.includes('\0')) {
    throw new Refusal('PATH_TRAVERSAL', `The archive's entry ${JSON.stringify(raw)} points outside of the archive.`)
  }
  return name.replace(/^\/+/, '')
}

import { createHash } from 'node:crypto'
import type { WorkbookFormat } from '../workbook.ts'
import { type ArchiveLimits, defaultArchiveLimits } from './archive-limits.ts'
import { openCompoundFile } from './compound-file.ts'
import { fileSignature } from './file-signature.ts'
import { packageFormat } from './package-format.ts'
import { type BlockReason, Refusal } from './refusal.ts'
import { type TrustTier, trustOf } from './trust-tier.ts'
import { archiveParts } from './workbook-parts.ts'
import { hasDoctype } from './xml-text.ts'
import { openZipArchive, type ZipArchive } from './zip-archive.ts'

/** What the gate found out about a file before anything else looks at it. */
export interface IntegrityReport {
  readonly sha256: string
  readonly size: number
  /** Null when the file is no workbook, or when it was blocked before its kind was clear. */
  readonly format: WorkbookFormat | null
  readonly trustTier: TrustTier
  /** How many parts the container holds; 0 for files that are no container. */
  readonly entries: number
  /** The size of all parts, really inflated. */
  readonly uncompressed: number
  /** Why later phases must not run; null when they may. */
  readonly blocked: BlockReason | null
}

interface Findings {
  format: WorkbookFormat | null
  names: readonly string[]
  uncompressed: number
}

/** Judges a file that nobody has looked at yet. Never throws on any bytes. */
export function checkIntegrity(bytes: Uint8Array, limits: Partial<ArchiveLimits> = {}): IntegrityReport {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const found: Findings = { format: null, names: [], uncompressed: 0 }
  let blocked: BlockReason | null = null
  try {
    inspect(file, { ...defaultArchiveLimits, ...limits }, found)
  } catch (error) {
    blocked = error instanceof Refusal ? error.block : new Refusal('BAD_PACKAGE', String(error)).block
  }
  return {
    sha256: createHash('sha256').update(file).digest('hex'),
    size: file.length,
    format: found.format,
    trustTier: trustOf(found.format, found.names, blocked),
    entries: found.names.length,
    uncompressed: found.uncompressed,
    blocked,
  }
}

function inspect(file: Buffer, limits: ArchiveLimits, found: Findings): void {
  if (file.length === 0) throw new Refusal('EMPTY', 'The file has no bytes.')
  if (file.length > limits.fileBytes) {
    throw new Refusal('TOO_LARGE', `The file has ${file.length} bytes; ${limits.fileBytes} are allowed.`)
  }
  const signature = fileSignature(file)
  if (typeof signature === 'object') throw new Refusal('NOT_A_WORKBOOK', `The file is ${signature.foreign}.`)
  if (signature === 'zip') inspectArchive(file, limits, found)
  else if (signature === 'ole2') inspectCompound(file, found)
  else if (signature === 'biff') inspectStream(file, file, found)
  else if (file.toString('utf8', 0, 4096).trim() === '') throw new Refusal('EMPTY', 'The file holds only blanks.')
  else found.format = 'csv'
}

function inspectArchive(file: Buffer, limits: ArchiveLimits, found: Findings): void {
  const archive = openZipArchive(file, limits)
  found.names = archive.names
  if (archive.names.length === 0) throw new Refusal('EMPTY', 'The archive holds no parts.')
  inflateAll(archive, file.length, limits, found)
  found.format = packageFormat(archiveParts(archive))
}

/** Inflates every part once: sizes, checksums and document types are judged on the real content. */
function inflateAll(archive: ZipArchive, packed: number, limits: ArchiveLimits, found: Findings): void {
  if (archive.declared > limits.inflatedBytes) {
    const reason = `The parts inflate to ${archive.declared} bytes; ${limits.inflatedBytes} are allowed.`
    throw new Refusal(archive.declared > packed * limits.ratio ? 'ZIP_BOMB' : 'TOO_LARGE', reason)
  }
  if (archive.declared > limits.ratioFloor && archive.declared > packed * limits.ratio) {
    const ratio = Math.round(archive.declared / packed)
    throw new Refusal('ZIP_BOMB', `The parts inflate to ${ratio} times the file; ${limits.ratio} times is allowed.`)
  }
  for (const name of archive.names) {
    const content = archive.read(name)
    found.uncompressed += content.length
    if (isXml(name, content) && hasDoctype(content)) {
      throw new Refusal('DOCTYPE', `The part ${name} declares a document type or an entity.`)
    }
  }
}

function isXml(name: string, content: Buffer): boolean {
  if (/\.(?:xml|rels|vml|rdf)$/i.test(name)) return true
  return /^(?:\uFEFF|\xff\xfe|\xfe\xff|\xef\xbb\xbf)?\0?\s*\0?</.test(content.toString('latin1', 0, 16))
}

function inspectCompound(file: Buffer, found: Findings): void {
  const compound = openCompoundFile(file)
  found.names = compound.paths
  if (compound.stream('EncryptedPackage') !== undefined) {
    throw new Refusal('ENCRYPTED', 'The workbook is encrypted with a password.')
  }
  const stream = compound.stream('Workbook') ?? compound.stream('Book')
  if (stream === undefined) {
    const what = compound.stream('WordDocument') ? 'a Word document' : 'an OLE2 file without a workbook stream'
    throw new Refusal('NOT_A_WORKBOOK', `The file is ${what}.`)
  }
  inspectStream(stream, file, found)
}

const FILE_PASS = 0x2f
const BOUND_SHEET = 0x85
const END_OF_STREAM = 0x0a

/** Walks the records before the first sheet: a FilePass among them means that all others are encrypted. */
function inspectStream(stream: Buffer, file: Buffer, found: Findings): void {
  found.format = 'xls'
  found.uncompressed = file.length
  for (let at = 0; at + 4 <= stream.length; at += 4 + stream.readUInt16LE(at + 2)) {
    const record = stream.readUInt16LE(at)
    if (record === FILE_PASS) throw new Refusal('ENCRYPTED', 'The workbook is encrypted with a password.')
    if (record === BOUND_SHEET || record === END_OF_STREAM) return
  }
  throw new Refusal('TRUNCATED', 'The workbook stream ends before its first sheet.')
}

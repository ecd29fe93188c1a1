import { CFB } from '@e965/xlsx'

/** A vbaProject.bin with one module of the given source. */
export function builtMacros(source: string, padding = 0): Uint8Array {
  const file: unknown = CFB.utils.cfb_new()
  const prefix = Buffer.alloc(32 + padding, 0x55)
  const directory = [
    record(0x0009, Buffer.alloc(6), 4),
    record(0x001a, Buffer.from('Module1')),
    record(0x0031, offset(prefix)),
  ]
  CFB.utils.cfb_add(file, '/VBA/dir', packed(Buffer.concat(directory)))
  CFB.utils.cfb_add(file, '/VBA/Module1', Buffer.concat([prefix, packed(Buffer.from(source, 'latin1'))]))
  return new Uint8Array(CFB.write(file, { type: 'buffer' }))
}

/** A compressed container whose chunks hold literal bytes only. */
function packed(content: Buffer): Buffer {
  const chunks = [Buffer.of(1)]
  for (let at = 0; at < content.length; at += 3000) {
    const tokens: Buffer[] = []
    const part = content.subarray(at, at + 3000)
    for (let i = 0; i < part.length; i += 8) tokens.push(Buffer.of(0), part.subarray(i, i + 8))
    const body = Buffer.concat(tokens)
    const header = Buffer.alloc(2)
    header.writeUInt16LE(0xb000 | (body.length - 1))
    chunks.push(header, body)
  }
  return Buffer.concat(chunks)
}

function record(id: number, data: Buffer, declared = data.length): Buffer {
  const header = Buffer.alloc(6)
  header.writeUInt16LE(id)
  header.writeUInt32LE(declared, 2)
  return Buffer.concat([header, data])
}

function offset(prefix: Buffer): Buffer {
  const value = Buffer.alloc(4)
  value.writeUInt32LE(prefix.length)
  return value
}

const CHUNK = 4096
/** Macro sources are text; a module beyond this is cut, not believed. */
const LONGEST = 16 * 1024 * 1024

/**
 * Unpacks a compressed container of a VBA project ([MS-OVBA] 2.4.1) that begins at `start`; null when none begins
 * there. Damaged data ends the text early, it never throws.
 */
export function unpackMacroText(data: Buffer, start: number): Buffer | null {
  if (data[start] !== 1) return null
  const chunks: Buffer[] = []
  let total = 0
  for (let at = start + 1; at + 2 <= data.length && total < LONGEST; ) {
    const header = data.readUInt16LE(at)
    const end = Math.min(at + (header & 0xfff) + 3, data.length)
    const packed = data.subarray(at + 2, end)
    const chunk = header & 0x8000 ? unpackChunk(packed) : packed
    chunks.push(chunk)
    total += chunk.length
    at = end
  }
  return Buffer.concat(chunks)
}

/** Flag bytes announce eight tokens each: a literal byte, or a copy from earlier in the chunk. */
function unpackChunk(packed: Buffer): Buffer {
  const out = Buffer.alloc(CHUNK)
  let length = 0
  for (let at = 0; at < packed.length; ) {
    const flags = packed[at++] as number
    for (let bit = 0; bit < 8 && at < packed.length && length < CHUNK; bit++) {
      if ((flags & (1 << bit)) === 0) {
        out[length++] = packed[at++] as number
        continue
      }
      if (at + 2 > packed.length) return out.subarray(0, length)
      const token = packed.readUInt16LE(at)
      at += 2
      const offsetBits = Math.max(4, 32 - Math.clz32(Math.max(1, length - 1)))
      const copied = (token & (0xffff >> offsetBits)) + 3
      const from = length - (token >> (16 - offsetBits)) - 1
      if (from < 0) return out.subarray(0, length)
      for (let i = 0; i < copied && length < CHUNK; i++) out[length++] = out[from + i] as number
    }
  }
  return out.subarray(0, length)
}

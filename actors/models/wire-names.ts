import type { ModelChunk } from '../../machines/model-chunk.ts'
import type { ModelRequest } from '../../machines/model-request.ts'
import { failedCall } from './failed-call.ts'

const LONGEST = 64

/** A name as every provider takes it: letters, digits, `_` and `-`, at most 64. */
export function wireName(name: string): string {
  return name.replace(/[^\w-]/g, '_').slice(0, LONGEST) || '_'
}

/** The chunks with the names of tools as the request has them. Throws a failure of `validation` when two become one. */
export function ownNames({ tools = [] }: ModelRequest, where: string): (chunk: ModelChunk) => ModelChunk {
  const own = new Map<string, string>()
  for (const { name } of tools) {
    const twin = own.get(wireName(name))
    if (twin !== undefined) {
      throw failedCall('validation', `${where}: a provider cannot tell the tools '${twin}' and '${name}' apart`, {
        where,
        hint: `give them names that differ in letters, digits, _ and -, within ${LONGEST} signs`,
      })
    }
    own.set(wireName(name), name)
  }
  return (chunk) => (chunk.type === 'tool-call' ? { ...chunk, tool: own.get(chunk.tool) ?? chunk.tool } : chunk)
}

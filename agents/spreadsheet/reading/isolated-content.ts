import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { deserialize } from 'node:v8'
import type { IntegrityReport } from './integrity.ts'
import { type BlockReason, Refusal } from './refusal.ts'
import type { WorkbookContent } from './workbook-reader.ts'

/** What the reader's own process answers. */
export type IsolatedAnswer = { readonly content: WorkbookContent } | { readonly block: BlockReason }

const MEBIBYTE = 1024 * 1024
const TIMEOUT = 60_000
const LONGEST_ANSWER = 2 ** 31 - 1

/**
 * Reads a binary or OpenDocument file in a process of its own. The library that knows these formats believes the
 * counts it finds in them: a few changed bytes can make it fill any memory or never return, and no `catch` helps then.
 */
export function isolatedContent(file: Buffer, integrity: IntegrityReport): WorkbookContent {
  const script = new URL(
    import.meta.url.endsWith('.ts') ? './reader-process.ts' : './reader-process.js',
    import.meta.url,
  )
  const options = [`--max-old-space-size=${heapMegabytes(integrity.uncompressed)}`, '--no-warnings']
  const { stdout, signal, status } = spawnSync(
    process.execPath,
    [...options, fileURLToPath(script), JSON.stringify(integrity)],
    { input: file, env: {}, timeout: TIMEOUT, killSignal: 'SIGKILL', maxBuffer: LONGEST_ANSWER, windowsHide: true },
  )
  if (status !== 0) {
    const end = signal === 'SIGKILL' ? `took more than ${TIMEOUT / 1000} s` : 'ran out of memory'
    throw new Refusal('UNREADABLE', `The file is damaged: reading it ${end}.`)
  }
  const answer = deserialize(stdout) as IsolatedAnswer
  if ('block' in answer) throw new Refusal(answer.block.code, answer.block.reason, answer.block.hint)
  return answer.content
}

/** Cells take some sixty times their binary size; a small file that wants more than this is a lie. */
function heapMegabytes(inflated: number): number {
  return Math.min(4096, 512 + Math.ceil((64 * inflated) / MEBIBYTE))
}

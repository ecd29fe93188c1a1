import type { Probe } from './bench-case.ts'
import { collectGarbage } from './collect-garbage.ts'
import { loadCase } from './load-case.ts'

/** What the process of a side is asked: to get ready and prove its results right, or to measure once. */
export type SideRequest = 'prepare' | 'sample'

/** What it answers. */
export type SideReply = { readonly value: number } | { readonly error: string }

const [file = '', name = ''] = process.argv.slice(2)
let probe: Probe | undefined

async function answer(request: SideRequest): Promise<number> {
  if (request === 'prepare') {
    const side = (await loadCase(file)).sides[name]
    if (side === undefined) throw new Error(`${file} has no side ${name}.`)
    probe = await side()
    await probe.check()
    return 0
  }
  if (probe === undefined) throw new Error('Asked to measure before it was prepared.')
  collectGarbage()
  return probe.sample()
}

function reply(message: SideReply): void {
  process.send?.(message)
}

process.on('message', (request: SideRequest) => {
  answer(request).then(
    (value) => reply({ value }),
    (error: unknown) => reply({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  )
})
// Peers may hold the process open: without its bench it has nothing left to do.
process.on('disconnect', () => process.exit())

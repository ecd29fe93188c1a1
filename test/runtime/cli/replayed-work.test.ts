import { join } from 'node:path'
import { expect, it } from 'vitest'
import { deadlettersCommand } from '../../../runtime/cli/deadletters.command.ts'
import { createRuntime, type DeadLetterRecord } from '../../../runtime/index.ts'
import { sqlite } from '../../../transports/sqlite/index.ts'
import { scratchFolder } from '../../support/transports/scratch-folder.ts'
import { runCommand } from './command-run.ts'
import { slow, slowActor } from './slow-definitions.ts'

const scratch = scratchFolder()

it('a replay waits for the work that its message begins: it would be cut off with the command', async () => {
  const db = scratch('slow.sqlite')
  const broken = slowActor(true)
  const runtime = await createRuntime({ actors: [broken], journal: sqlite(db) })
  const ref = await runtime.spawn(broken, { key: 'a' })
  await ref.send({ type: 'slow.go' }).catch(() => {})
  await runtime.stop()
  const listed = await runCommand(deadlettersCommand, 'list', '--db', db, '--json')
  const [letter] = JSON.parse(listed.out) as DeadLetterRecord[]
  const pack = join(import.meta.dirname, 'slow-definitions.ts')
  const words = ['--db', db, '--pack', pack, '--', 'replay', letter?.id ?? '']
  const { code, notes } = await runCommand(deadlettersCommand, ...words)
  expect(notes).toContain('waiting until it is done')
  expect([code, letter?.to]).toEqual([0, `local/${slow.type}/a`])
  const journal = sqlite(db)
  const record = await (await journal.view('local')).read(ref.address)
  await journal.close()
  expect(record).toMatchObject({ tasks: [], snapshot: { value: 'rested' } })
})

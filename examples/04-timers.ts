// Timers survive a restart: a durable actor rests in a file, and is back when its time has come.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type ContractTypes, createRuntime, defineActor, defineContract } from 'troupe'
import { sqlite } from 'troupe/transports/sqlite'
import { setup } from 'xstate'
import { z } from 'zod'

const note = z.object({ text: z.string() })
const contract = defineContract({ input: note, messages: {}, output: z.string() })
const types = {} as ContractTypes<typeof contract> & { context: z.infer<typeof note> }
const logic = setup({ types }).createMachine({
  context: ({ input }) => input,
  initial: 'waiting',
  states: { waiting: { after: { 500: 'rung' } }, rung: { type: 'final' } },
  output: ({ context }) => context.text,
})
const reminder = defineActor({ type: 'reminder', contract, logic, durability: 'durable' })

const folder = await mkdtemp(join(tmpdir(), 'reminders-'))
const open = () => createRuntime({ journal: sqlite(join(folder, 'run.sqlite')), actors: [reminder] })

const evening = await open()
const set = Date.now()
await evening.spawn(reminder, { key: 'tea', input: { text: 'the tea is ready' } })
await evening.stop()
console.log('the first runtime is gone after', Date.now() - set < 400 ? 'less than 400 ms' : 'a while')

await setTimeout(200)
const morning = await open()
console.log(await morning.ref(reminder, 'tea').result())
console.log('it rang', Date.now() - set < 500 ? 'too early' : 'in time')
await morning.stop()
await rm(folder, { recursive: true })

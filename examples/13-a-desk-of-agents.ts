// A supervisor: it routes each request to agents that take it on, gathers what they say and makes one answer of it.
import { createRuntime, defineActor, defineContract, fromTask, type TaskScope } from 'troupe'
import { ERROR_TABLE, isTroupeError } from 'troupe'
import { defineSupervisor } from 'troupe/actors'
import { z } from 'zod'

const contract = defineContract({ input: z.object({ text: z.string() }), output: z.string(), messages: {} })
const agent = (type: string, run: (scope: TaskScope<{ text: string }>) => string | Promise<string>) =>
  defineActor({ type, contract, logic: fromTask(run) })

const timetable = agent('timetable', () => 'the 9:40')
const trains = agent('trains', async ({ input, spawn, random }) => {
  const child = await spawn(timetable, { key: random.id(), input })
  return `take ${await child.result()}`
})
const weather = agent('weather', ({ input }) => {
  if (input.text.includes('March')) throw new Error('nobody knows March')
  return 'take an umbrella'
})

const desk = defineSupervisor('desk', {
  actors: { trains, weather },
  agents: [
    { name: 'trains', actor: 'trains', handles: { keywords: ['train', 'travel'] } },
    { name: 'weather', actor: 'weather', handles: { keywords: ['rain', 'travel'] }, timeout: '1s' },
  ],
  synthesise: ({ answers }) => answers.map(({ value }) => value).join(', '),
})

const runtime = await createRuntime()
const ref = await runtime.spawn(desk, { key: 'front' })
const saidNo = (error: unknown) =>
  isTroupeError(error) ? [error.code, error.message, `who acts: ${ERROR_TABLE[error.code].actor}`] : [error]
for (const text of ['Will it rain?', 'I travel today', 'I travel in March', 'What is for lunch?']) {
  const answer = ref.ask({ type: 'supervisor.request', text, gather: 'all' })
  console.log(text, ...(await answer.then(({ status, value }) => [status, value], saidNo)))
}
await runtime.stop()

import type { KillLine, Recipient } from './kill-line.ts'
import { NUMBERS_A_LIFE } from './kill-load.ts'
import type { KillRound } from './kill-rounds.ts'

/** What is to hold however a process dies: a name, and what speaks against it in a round. */
export type KillPromise = readonly [promise: string, broken: (round: KillRound) => string[]]

type Told<K extends KillLine['kind']> = Extract<KillLine, { readonly kind: K }>

/** The promises of durable actors. */
export const KILL_PROMISES: readonly KillPromise[] = [
  [
    'has applied every acknowledged message exactly once, and what each sender sent in its order',
    ({ told, report: { written, household, alarms, errands } }) => [
      ...laneFaults('scribe', written, acknowledged(told, 'scribe')),
      ...laneFaults('household', household.raised, acknowledged(told, 'household')),
      ...laneFaults(
        'alarm',
        alarms.set.map(({ id }) => id),
        acknowledged(told, 'alarm'),
      ),
      ...laneFaults('errand', errands.run, acknowledged(told, 'errand')),
    ],
  ],
  [
    'stands by every reply and every event that anybody heard',
    ({ told, report: { written } }) => [
      ...of(told, 'answered').flatMap(({ id, place }) => differing(`place ${place}`, written[place], id)),
      ...of(told, 'heard').flatMap(({ place }) =>
        place < written.length ? [] : [`place ${place} was heard of too early`],
      ),
    ],
  ],
  [
    'has what went along a chain of actors at all of them, once and in order',
    ({ told, report: { chain } }) => {
      const [first = [], ...others] = chain
      const asIds = first.map((n) => `${Math.floor(n / NUMBERS_A_LIFE)}c:${n % NUMBERS_A_LIFE}`)
      return [
        ...laneFaults('chain', asIds, acknowledged(told, 'chain')),
        ...others.flatMap((seen, at) => differing(`link ${at + 2}`, seen, first)),
      ]
    },
  ],
  [
    'has heard once of the birth and once of the end of every child',
    ({ report: { household } }) => {
      const { raised, born, grown } = household
      return [
        ...differing('born', [...born].sort(), [...raised].sort()),
        ...differing('grown', [...grown].sort(), [...raised].sort()),
      ]
    },
  ],
  [
    'has fired every timer once, and none before it was due',
    ({ told, report: { alarms } }) => {
      const { set, rang } = alarms
      const earliest = new Map(set.map(({ id, earliest }) => [id, earliest]))
      // One of an alarm that nobody knows was seen in memory, and died with it.
      const early = of(told, 'rang').filter(({ id, at }) => at < (earliest.get(id) ?? 0))
      return [
        ...differing('rang', [...rang].sort(), set.map(({ id }) => id).sort()),
        ...early.map(({ id, at }) => `${id} rang at ${at}, and was due at ${earliest.get(id)}`),
      ]
    },
  ],
  [
    'has done work that may not be repeated at most once, and heard either that it is done or that it was interrupted',
    ({ report: { errands, done } }) =>
      errands.run.flatMap((id) => {
        const lines = done.filter((line) => line.src === 'once' && line.id === id)
        const outcomes = errands.outcomes.filter((outcome) => outcome.startsWith(`once ${id} `))
        const wanted = outcomes[0]?.endsWith(' done') ? [1] : [0, 1]
        return [
          ...(wanted.includes(lines.length)
            ? []
            : [`once ${id} was done ${lines.length} times, and said ${outcomes.join()}`]),
          ...(outcomes.length === 1 && / (done|INTERRUPTED)$/.test(outcomes[0] ?? '')
            ? []
            : [`once ${id} said ${outcomes.join()}`]),
        ]
      }),
  ],
  [
    'has done work that may be repeated at least once, always with the same key, and heard once that it is done',
    ({ report: { errands, done } }) => {
      const keys = new Set(done.map(({ key }) => key))
      const works = new Set(done.map(({ src, id }) => `${src} ${id}`))
      return [
        ...errands.run.flatMap((id) => {
          const lines = done.filter((line) => line.src === 'often' && line.id === id)
          const outcomes = errands.outcomes.filter((outcome) => outcome.startsWith(`often ${id} `))
          return [
            ...(lines.length > 0 ? [] : [`often ${id} was never done`]),
            ...(new Set(lines.map(({ key }) => key)).size > 1 ? [`often ${id} had several keys`] : []),
            ...differing(`often ${id}`, outcomes, [`often ${id} done`]),
          ]
        }),
        ...differing('keys, as many as works', keys.size, works.size),
      ]
    },
  ],
  [
    'has kept every message that it refused because it failed on it, once',
    ({ told, report: { letters } }) => [
      ...of(told, 'refused').flatMap(({ id }) => (letters.includes(id) ? [] : [`${id} is no dead letter`])),
      ...(new Set(letters).size === letters.length ? [] : [`there are letters twice among ${letters.join()}`]),
    ],
  ],
  [
    'was never in trouble: the file was free at once, and nothing was refused, quarantined or failed',
    ({ told }) => of(told, 'trouble').map(({ error }) => `${error.code}: ${error.message}`),
  ],
]

function of<K extends KillLine['kind']>(told: readonly KillLine[], kind: K): Told<K>[] {
  return told.filter((line): line is Told<K> => line.kind === kind)
}

function acknowledged(told: readonly KillLine[], to: Recipient): string[] {
  return of(told, 'acknowledged').flatMap((line) => (line.to === to ? [line.id] : []))
}

/** Of each lane the numbers 1, 2, 3 to some end, each once and in order; and all that were acknowledged. */
function laneFaults(where: string, applied: readonly string[], acknowledged: readonly string[]): string[] {
  const last = new Map<string, number>()
  const faults: string[] = []
  for (const id of applied) {
    const [lane = '', n] = id.split(':')
    const expected = (last.get(lane) ?? 0) + 1
    if (Number(n) !== expected) faults.push(`${where} has ${id} where ${lane}:${expected} is next`)
    last.set(lane, Number(n))
  }
  const has = new Set(applied)
  return [...faults, ...acknowledged.filter((id) => !has.has(id)).map((id) => `${where} has lost ${id}`)]
}

function differing(what: string, found: unknown, expected: unknown): string[] {
  const [is, should] = [JSON.stringify(found), JSON.stringify(expected)]
  return is === should ? [] : [`${what}: ${is} instead of ${should}`]
}

import type { LentClock } from '../../runtime/kernel/lent-clock.ts'
import { type Duration, milliseconds } from '../../runtime/protocol/duration.ts'
import type { TroupeError } from '../../runtime/protocol/errors.ts'
import { failedCall } from './failed-call.ts'

/** How long a stream may take. What is left out has no limit. */
export interface StreamDeadlines {
  /** Until the first chunk of an answer: what a provider tells of limits and usage is none. */
  readonly firstChunk?: Duration
  /** From the wish for a chunk to the chunk, after the first one. */
  readonly gap?: Duration
  /** From the start to the end. */
  readonly total?: Duration
}

/** Keeps the deadlines of one stream. */
export interface StreamAlarm {
  /** True once the stream has said that it is at its end. */
  readonly isFinished: boolean
  /** The stream starts now. */
  start(): void
  /** From now on somebody waits for a chunk. */
  wait(): void
  /** A chunk of that type came, and nobody waits until somebody does again. */
  heard(type: string): void
  stop(): void
}

type Limit = 'first chunk' | 'gap' | 'total'

/** What comes with the headers, before a model has said anything. */
const AHEAD: ReadonlySet<string> = new Set(['limits', 'usage'])

/** How long a stream may take to end after its finish, in milliseconds. */
const LINGER = 1_000

const EVER = Number.POSITIVE_INFINITY

/** Makes the alarm of a stream. `passed` is called once a deadline has passed. */
export function createStreamAlarm(
  clock: LentClock,
  deadlines: StreamDeadlines,
  where: string,
  passed: (error: TroupeError) => void,
): StreamAlarm {
  const firstChunk = lengthOf(deadlines.firstChunk)
  const gap = lengthOf(deadlines.gap)
  const total = lengthOf(deadlines.total)
  let isFirst = true
  let isWaiting = false
  let startedAt = 0
  let waitingSince = 0
  let alarmAt = EVER
  let cancelAlarm: (() => void) | null = null

  function limit(): number {
    const patience = alarm.isFinished ? Math.min(gap, LINGER) : gap
    const due = isFirst ? startedAt + firstChunk : waitingSince + patience
    return Math.min(isWaiting ? due : EVER, startedAt + total)
  }

  // One alarm for the whole stream: it is set again when it rings, not with each chunk.
  function watch(now: number): void {
    const due = limit()
    if (due >= alarmAt) return
    cancelAlarm?.()
    alarmAt = due
    cancelAlarm = clock.after(Math.max(0, due - now), ring)
  }

  function ring(): void {
    alarmAt = EVER
    cancelAlarm = null
    const now = clock.now()
    if (now < limit()) return watch(now)
    passed(tooLate(now >= startedAt + total ? 'total' : isFirst ? 'first chunk' : 'gap', where, deadlines))
  }

  const alarm = {
    isFinished: false,
    start() {
      startedAt = clock.now()
    },
    wait() {
      isWaiting = true
      waitingSince = clock.now()
      watch(waitingSince)
    },
    heard(type: string) {
      isWaiting = false
      if (type === 'finish') alarm.isFinished = true
      if (!AHEAD.has(type)) isFirst = false
    },
    stop() {
      cancelAlarm?.()
    },
  }
  return alarm
}

function lengthOf(given: Duration | undefined): number {
  return given === undefined ? EVER : milliseconds(given)
}

function tooLate(limit: Limit, where: string, { firstChunk, gap, total }: StreamDeadlines): TroupeError {
  const told: Readonly<Record<Limit, string>> = {
    'first chunk': `no chunk came within ${spell(firstChunk)} of the start`,
    gap: `no chunk came within ${spell(gap)} of the last`,
    total: `the answer was not complete within ${spell(total)}`,
  }
  return failedCall('timeout', `${where}: ${told[limit]}`, { where, code: `deadline.${limit.replace(' ', '_')}` })
}

function spell(duration: Duration | undefined): string {
  return typeof duration === 'number' ? `${duration}ms` : String(duration)
}

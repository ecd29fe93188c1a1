import { describe, expect, it } from 'vitest'
import { address } from '../../../runtime/protocol/address.ts'
import type { InspectionRecord } from '../../../runtime/protocol/inspection-record.ts'
import { createRecordLog, type LogLevel } from '../../../runtime/telemetry/log.ts'

const stamp = { at: 1, seq: 1, node: 'n1' }
const here = address('test', 'thing', 'a')
const error = { name: 'TroupeError', code: 'CRASHED', message: 'it broke' } as const
const letter = {
  ...stamp,
  kind: 'dead-letter',
  to: here,
  from: here,
  event: { type: 'thing.do', secret: 'hush' },
  error,
} as const

function linesAt(level: LogLevel, records: readonly InspectionRecord[]): Record<string, unknown>[] {
  const lines: string[] = []
  const log = createRecordLog(level, { write: (line) => void lines.push(line) })
  for (const record of records) log(record)
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

describe('the log', () => {
  it('names a dead letter, its reason and its message, and keeps the payload to itself', () => {
    const [line] = linesAt('warn', [letter])
    expect(line).toMatchObject({ level: 40, to: here, event: 'thing.do', error, msg: 'dead-letter' })
    expect(JSON.stringify(line)).not.toContain('hush')
  })

  it('writes crashes as errors and the comings and goings of actors only for who asks', () => {
    const started: InspectionRecord = { ...stamp, kind: 'actor.started', address: here, incarnation: 1 }
    const crashed: InspectionRecord = {
      ...stamp,
      kind: 'actor.stopped',
      address: here,
      incarnation: 1,
      reason: 'error',
      error,
    }
    expect(linesAt('warn', [started, crashed]).map(({ level }) => level)).toEqual([50])
    expect(linesAt('debug', [started, crashed]).map(({ level }) => level)).toEqual([20, 50])
  })

  it('writes what a machine logs as info', () => {
    const said: InspectionRecord = { ...stamp, kind: 'log', address: here, label: 'note', value: { count: 1 } }
    expect(linesAt('info', [said])).toMatchObject([{ level: 30, label: 'note', value: { count: 1 } }])
    expect(linesAt('warn', [said])).toEqual([])
  })
})

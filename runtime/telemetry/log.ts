import { type DestinationStream, type LoggerOptions, pino } from 'pino'
import type { InspectionRecord } from '../protocol/inspection-record.ts'

/** How much is logged; each level includes those before it. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug' | 'trace'

/** Takes records and writes lines. */
export type RecordLog = (record: InspectionRecord) => void

/**
 * Writes inspection records as lines of JSON: crashes, failed effects and lost shards as `error`, restarts and dead letters as `warn`, what
 * machines log and shards taken over as `info`, actors that come and go as `debug`, transitions and effects as `trace`. Payloads and contexts are never written.
 */
export function createRecordLog(level: LogLevel, destination?: DestinationStream): RecordLog {
  const options: LoggerOptions = { level, base: null, timestamp: false }
  const logger = destination ? pino(options, destination) : pino(options, pino.destination({ dest: 2, sync: true }))
  return (record) => {
    const severity = levelOf(record)
    if (logger.isLevelEnabled(severity))
      logger[severity]({ at: record.at, node: record.node, ...fieldsOf(record) }, record.kind)
  }
}

function levelOf(record: InspectionRecord): LogLevel {
  switch (record.kind) {
    case 'actor.started':
    case 'actor.rested':
      return 'debug'
    case 'actor.restarted':
      return 'warn'
    case 'actor.quarantined':
      return 'error'
    case 'actor.stopped':
      return record.error ? 'error' : 'debug'
    case 'transition':
      return 'trace'
    case 'effect':
      return record.error ? 'error' : 'trace'
    case 'dead-letter':
      return 'warn'
    case 'log':
      return 'info'
    case 'shard':
      return record.error ? 'error' : 'info'
  }
}

function fieldsOf(record: InspectionRecord): object {
  switch (record.kind) {
    case 'actor.started':
      return { address: record.address, incarnation: record.incarnation, parent: record.parent }
    case 'actor.rested':
      return { address: record.address, incarnation: record.incarnation }
    case 'actor.restarted': {
      const { address, incarnation, reason, restarts, after, error } = record
      return { address, incarnation, reason, restarts, after, error }
    }
    case 'actor.quarantined':
      return { address: record.address, error: record.error }
    case 'shard': {
      const { shard, epoch, state, wakes, error } = record
      return { shard, epoch, state, wakes, error }
    }
    case 'actor.stopped':
      return { address: record.address, incarnation: record.incarnation, reason: record.reason, error: record.error }
    case 'transition':
      return {
        address: record.address,
        from: record.from,
        event: record.event,
        value: record.value,
        handled: record.handled,
      }
    case 'effect':
      return { address: record.address, id: record.id, effect: record.effect, error: record.error }
    case 'dead-letter':
      return { to: record.to, from: record.from, event: typeOf(record.event), error: record.error }
    case 'log':
      return { address: record.address, label: record.label, value: record.value }
  }
}

function typeOf(event: unknown): unknown {
  return typeof event === 'object' && event !== null && 'type' in event ? event.type : undefined
}

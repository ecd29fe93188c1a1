import type { InspectionRecord, Runtime } from '../../../runtime/index.ts'

/** What became of the actors of a runtime, one line each: what, and of which type. */
export function chronicle(runtime: Runtime): string[] {
  const lines: string[] = []
  runtime.inspect((record: InspectionRecord) => {
    if (!record.kind.startsWith('actor.') || !('address' in record)) return
    lines.push(`${record.kind.slice('actor.'.length)} ${record.address.split('/')[1] ?? ''}`)
  })
  return lines
}

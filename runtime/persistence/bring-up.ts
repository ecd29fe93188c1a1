import { TroupeError } from '../protocol/errors.ts'
import type { ActorRecord } from '../protocol/record.ts'
import { reviewRecord, type VersionedLogic } from './record-review.ts'

/**
 * The record as the logic can go on with it. Throws INCOMPATIBLE when its version cannot be migrated or what is under way
 * in it is not settled; the record is never changed. What it returns must be committed before anything else is: the
 * delays that begin with the migration would begin again.
 */
export function bringUp(record: ActorRecord, logic: VersionedLogic, now: number): ActorRecord {
  const review = reviewRecord(record, logic, now)
  if (review.record) return review.record
  const { address, machine } = record
  const [first, ...others] = review.obstacles
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  throw new TroupeError(
    'INCOMPATIBLE',
    `${address} cannot go on in version '${logic.stamp.version}': ${first?.fault}${more}`,
    {
      where: address,
      ...(first ? { hint: first.hint } : {}),
      data: { from: machine, to: logic.stamp, obstacles: review.obstacles },
    },
  )
}

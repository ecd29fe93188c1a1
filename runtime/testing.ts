export { createVirtualClock } from './simulation/virtual-clock.ts'
export { createSeededRandom } from './simulation/seeded-random.ts'
export { createSeededScheduler } from './simulation/seeded-scheduler.ts'

export type { VirtualClock, VirtualClockOptions } from './simulation/virtual-clock.ts'
export type { SeededScheduler } from './simulation/seeded-scheduler.ts'

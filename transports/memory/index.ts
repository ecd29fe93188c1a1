export { memory } from './memory-transport.ts'

export { createFaultServer } from './fault-server.ts'
export { scripted } from './scripted.ts'

export type { FaultAnswer, FaultError, FaultUsage } from './fault-answer.ts'
export type { FaultApi, FaultRequest } from './fault-request.ts'
export type { FaultServer, FaultServerOptions } from './fault-server.ts'
export type { ScriptedAnswer, ScriptedCall, ScriptedOptions, ScriptedProvider } from './scripted.ts'

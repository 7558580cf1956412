// nonblocking-map: the public names, nothing else.

export { ABSENT, ANY, PRESENT, SharedMap } from './map/shared-map'
export type { Expected, PutResult } from './map/shared-map'
export type { Held, HeldInside, Given, Key, Plain, Value } from './map/types'
export type { Handle } from './map/handle'
export type { AttachOptions, CreateOptions } from './map/options'
export type { ParticipantStats, ResizeStats, Stats } from './map/stats'
export type { Repaired } from './map/repair'
export type { Trimmed } from './map/trim'
export type { BackendName, MemoryKind } from './backend/backend'
export type { Codec } from './codec/codec'
export { reapOnExit } from './adapters/reap-on-exit'
export {
  CorruptedError, DecodingError, DetachedError, EncodingError, HandleError, IsolationError, OptionsError, OutOfMemoryError, PlacesError, SharedMapError,
} from './errors'

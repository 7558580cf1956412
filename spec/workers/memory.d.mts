import type { Backend } from '../support/kernels'

export interface Stressed {
  failures: number, operations: number, kills: number, entries: number, bytes: number, sizeError: number, lost: number, again: number, left: number,
  shares: { kind: string, share: number }[], least: number
}
export interface Parameters {
  mib: number, backend?: Backend, seed?: number, url: string, workers: number, backends?: readonly Backend[], operations: number, kills: number
}
export function stressMemory(library: object, parameters: Parameters): Promise<Stressed>
export function stressApart(parameters: Parameters): Promise<Stressed>

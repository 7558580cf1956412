// The sliders and what they mean.

import { part, say } from './dom'
import type { Settings, Values } from './protocol'
import { whole } from './telling'

/** Operations a second of each worker; 0 is as fast as it can. */
const PACES = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000, 100_000, 200_000, 0]

const DEFAULTS: Settings = { put: 50, get: 30, delete: 20, keys: 2 ** 14, pace: 500, values: 'both', paused: false }

const slider = (id: string): HTMLInputElement => part<HTMLInputElement>(id)

/** Puts the controls where the defaults are, and calls `changed` whenever one is moved. */
export function setUpControls(changed: () => void): void {
  slider('pace').value = String(PACES.indexOf(DEFAULTS.pace))
  slider('keys').value = String(Math.log2(DEFAULTS.keys))
  for (const what of ['put', 'get', 'delete'] as const) slider(what).value = String(DEFAULTS[what])
  part<HTMLInputElement>('controls').querySelector<HTMLInputElement>(`[value=${DEFAULTS.values}]`)!.checked = true
  part('controls').oninput = changed
  part('controls').onsubmit = event => event.preventDefault()
}

/** What the controls say, and shows it beside them. With the tide, puts and deletes take turns: `rising` says whose it is. */
export function readControls(rising = true): Settings {
  const pace = PACES[Number(slider('pace').value)]!, keys = 2 ** Number(slider('keys').value)
  const [put, get, del] = ['put', 'get', 'delete'].map(id => Number(slider(id).value)) as [number, number, number]
  // With all three at nothing the workers read: they must do something.
  const tide = slider('tide').checked, all = put + get + del, shares = all === 0 ? [0, 1, 0] : [put, get, del].map(share => share / all)
  tell('pace', pace === 0 ? 'as fast as it can' : `${whole(pace)} a second each`)
  tell('keys', `${whole(keys)} keys`)
  for (const [n, id] of ['put', 'get', 'delete'].entries()) tell(id, `${Math.round(shares[n]! * 100)} %`)
  const values = part<HTMLInputElement>('controls').querySelector<HTMLInputElement>('[name=values]:checked')!.value as Values
  const puts = tide ? rising ? put + del : 0 : put, paused = part('pause').getAttribute('aria-pressed') === 'true'
  return { put: puts, get: all === 0 ? 1 : get, delete: tide ? put + del - puts : del, keys, pace, values, paused }
}

/** Beside the slider, and to those who only hear it. */
function tell(id: string, text: string): void {
  say(part(`${id}Text`), text)
  slider(id).setAttribute('aria-valuetext', text)
}

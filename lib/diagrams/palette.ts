// How a state looks: a colour and a mark, the same in every picture and page. The mark tells the state without the colour.
// The fills are light in light and in dark mode, so the text on them is always dark.

/** A state's looks. */
export interface Look {
  readonly fill: string
  /** One character. */
  readonly mark: string
}

/** The text on a fill, and its edge. */
export const INK = '#1b1f24'

/** The states of slots: after Okabe and Ito, so that those who see fewer colours can tell them apart. */
const LOOKS: Readonly<Record<string, Look>> = {
  Empty: { fill: '#f2f2f2', mark: '·' },
  Key: { fill: '#b9dcf2', mark: 'K' },
  Sealed: { fill: '#c9c9c9', mark: 'S' },
  Value: { fill: '#7fd1ae', mark: 'V' },
  Tombstone: { fill: '#e3b7d3', mark: 'T' },
  Prime: { fill: '#f5c04a', mark: 'P' },
  DeadEmpty: { fill: '#b5b5b5', mark: '○' },
  DeadDeleted: { fill: '#b39aa9', mark: '†' },
  DeadMoved: { fill: '#e39a6b', mark: '»' },
}
/** What pages of memory are, as the live view counts them: free ones are not painted; blocks are the darker the fuller. */
export const PAGE_FILLS: readonly (string | undefined)[] = [undefined, '#7fa8e0', '#f5c04a', '#c8ecdb', '#94d9bb', '#58b98f', '#2a8560']
const OTHERS = ['#b9dcf2', '#7fd1ae', '#f5c04a', '#e3b7d3', '#e39a6b', '#c9c9c9', '#d8d36b', '#9fb8e8', '#d6c3ee']

/** The looks of a state; one that is not a slot's gets a colour by its place among its machine's states. */
export function lookOf(state: string, place = 0): Look {
  return LOOKS[state] ?? { fill: OTHERS[place % OTHERS.length]!, mark: state.slice(0, 1) }
}

/** Colours of the threads' lanes and marks, dark enough on white and light enough on black. */
export const THREADS = ['#2f7fc1', '#c8622a', '#2f9a6b', '#b0569b', '#8a7a1f', '#6a6fd0', '#b04a4a', '#5f7d8c']

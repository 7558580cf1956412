// The store of free pages: who wants pages claims them here, and what is given back is found here again. Nothing is listed and
// nothing is joined: what lies side by side and is nobody's is one run, whoever had it before.
//
// One page is claimed by one swap. For more, the first page is marked Claimed, the others become its tails, and one swap of the
// first page makes them a span or a run. Law: nothing is written to the pages before that. So a claim that its worker does
// not finish holds nobody up: whoever needs its pages marks the first page Free, and then the tails are nobody's.

import { Word, below, fixed, load, low, peek, poke } from './memory'
import { swap } from './step'
import { At, Hint, hintsOf, pageAt } from './layout'
import {
  Page, PageStep, claimedWord, freeWord, isEmptied, isLater, laterThan, pageState, pagesIn, runWord, stockedWord, tailWord, versionIn,
} from './words/page'
import { isKept } from './zone'

/** Pages that a worker looks at before it goes on elsewhere: the words of so many fill eight lines, which no other worker then changes. */
const GROUP: i32 = 64
/** Runs of a class are spans; this stands for a run that is no span. */
export const NO_CLASS: i32 = -1

/** Pages that the map has. */
export function pagesInAll(map: i32): i32 { return low(fixed(map + At.Store)) }

// --- what is nobody's

/** Whether the page, whose word was read, is nobody's. A law for who claims it: that word must not have changed since. */
export function isFree(map: i32, page: i32, word: Word): boolean {
  const state = pageState(word)
  if (state === Page.Table) return !isKept(map, page, word)
  if (state === Page.Tail) return !isHeld(map, page, word)
  return state <= Page.Free || isEmptied(word)
}

/** Whether a tail's first page has it still. One whose blocks are all free is retired: they could be taken again meanwhile. */
function isHeld(map: i32, page: i32, tail: Word): boolean {
  const distance = low(tail), first = page - distance
  if (!below(first, page)) return true
  while (true) {
    const seen = load(pageAt(map, first))
    if (versionIn(seen) !== versionIn(tail) || pagesIn(seen) <= distance) return false
    if (!isEmptied(seen)) return true
    // If ours comes first, nobody takes a block there any more; if a take does, the tail is in use.
    if (swap(pageAt(map, first), seen, freeWord(seen), PageStep.Retire)) return false
  }
}

/** A claim that nobody has finished. If it is only slow, its worker finds that out and looks for others. */
function abandon(map: i32, page: i32, seen: Word): void { swap(pageAt(map, page), seen, freeWord(seen), PageStep.Abandon) }

// --- claiming

/** Claims a span for blocks of a class, the first block taken, or a run: its first page, or -1 if there is none. */
export function claimPages(map: i32, me: i32, pages: i32, sizeClass: i32): i32 {
  const first = claimNear(map, me, pages, sizeClass)
  if (first >= 0) return first
  const all = pagesInAll(map), found = claimBetween(map, 0, all, pages, sizeClass)
  if (found >= 0) return found
  // Nothing is left but what others have claimed and not finished. Where they are dead, nobody else would ever give it back.
  abandonAll(map)
  return claimBetween(map, 0, all, pages, sizeClass)
}

function abandonAll(map: i32): void {
  for (let page = 0; page < pagesInAll(map); page++) {
    const seen = load(pageAt(map, page))
    if (pageState(seen) === Page.Claimed) abandon(map, page, seen)
  }
}

/** Only speed: looks group by group, from the caller's own on. Groups go from the middle outwards, so that the tables can grow at both ends. */
function claimNear(map: i32, me: i32, pages: i32, sizeClass: i32): i32 {
  const hints = hintsOf(map, me), size = groupFor(pages), groups = groupsOf(map, size)
  let group = size === GROUP ? peek(hints, Hint.Group) : 0
  for (let n = 0; n < groups; n++) {
    if (!below(group, groups)) group = 0
    const first = claimInGroup(map, group, size, pages, sizeClass)
    if (first >= 0) {
      if (size === GROUP) poke(hints, Hint.Group, group)
      return first
    }
    group++
  }
  return -1
}

/** Pages of a group where runs of so many are looked for. */
function groupFor(pages: i32): i32 {
  let size = GROUP
  while (size < pages << 1) size <<= 1
  return size
}
function groupsOf(map: i32, size: i32): i32 { return (pagesInAll(map) / (size << 1) | 0) + 1 << 1 }

/** The group of a page. */
function groupOf(map: i32, page: i32): i32 {
  const middle = pagesInAll(map) >> 1
  return page < middle ? ((middle - 1 - page) / GROUP | 0) << 1 | 1 : ((page - middle) / GROUP | 0) << 1
}
/** Notes that a page came free: who gave it back claims near the middle again, so that both ends stay free for the tables. */
export function noteFreePage(map: i32, me: i32, page: i32): void {
  const hints = hintsOf(map, me), group = groupOf(map, page)
  if (below(group, peek(hints, Hint.Group))) poke(hints, Hint.Group, group)
}

/** Even groups lie upwards from the middle, odd ones downwards. */
function claimInGroup(map: i32, group: i32, size: i32, pages: i32, sizeClass: i32): i32 {
  const all = pagesInAll(map), middle = all >> 1, away = (group >> 1) * size
  const from = (group & 1) === 0 ? middle + away : middle - away - size, to = from + size
  return claimBetween(map, from < 0 ? 0 : from, to > all ? all : to, pages, sizeClass)
}

/** Claims the first of these pages that are so many side by side: the first one, or -1. */
export function claimBetween(map: i32, from: i32, to: i32, pages: i32, sizeClass: i32): i32 {
  let run = 0
  for (let page = from; page < to; page++) {
    run = isFree(map, page, load(pageAt(map, page))) ? run + 1 : 0
    if (run < pages) continue
    const first = page - pages + 1
    if (pages === 1 ? stock(map, first, sizeClass) : claimMany(map, first, pages, sizeClass)) return first
    run = 0
  }
  return -1
}

/** A span of one page, by one swap. */
function stock(map: i32, page: i32, sizeClass: i32): boolean {
  const seen = load(pageAt(map, page)), version = laterThan(versionIn(seen))
  if (!isFree(map, page, seen)) return false
  if (sizeClass !== NO_CLASS) return swap(pageAt(map, page), seen, stockedWord(version, sizeClass), PageStep.Stock)
  return claimMany(map, page, 1, sizeClass)
}

function claimMany(map: i32, first: i32, pages: i32, sizeClass: i32): boolean {
  const seen = load(pageAt(map, first)), claimed = claimedWord(laterThan(latest(map, first, pages)), pages), version = versionIn(claimed)
  if (!isFree(map, first, seen) || !isLater(version, versionIn(seen))) return false
  if (!swap(pageAt(map, first), seen, claimed, PageStep.Claim)) return false
  for (let distance = 1; distance < pages; distance++) {
    // Somebody else was there first. Their claim goes on: of several that meet, the one that lies highest always can.
    if (!claimTail(map, first + distance, tailWord(version, distance))) { abandon(map, first, claimed); return false }
  }
  return sizeClass === NO_CLASS
    ? swap(pageAt(map, first), claimed, runWord(version, pages), PageStep.PublishRun)
    : swap(pageAt(map, first), claimed, stockedWord(version, sizeClass), PageStep.Publish)
}

/** The latest version of these pages. */
function latest(map: i32, first: i32, pages: i32): i32 {
  let version = versionIn(load(pageAt(map, first)))
  for (let page = first + 1; page < first + pages; page++) {
    const other = versionIn(load(pageAt(map, page)))
    if (isLater(other, version)) version = other
  }
  return version
}

function claimTail(map: i32, page: i32, tail: Word): boolean {
  while (true) {
    const seen = load(pageAt(map, page))
    // Correctness: also a tail that was ours already once is claimed anew, by its version. Else who has found it nobody's, and
    // sleeps, could take it from us.
    if (!isFree(map, page, seen) || !isLater(versionIn(tail), versionIn(seen))) return false
    if (swap(pageAt(map, page), seen, tail, PageStep.ClaimTail)) return true
  }
}

// --- what is free, for statistics and at rest

/** Pages that are nobody's, and as `mostTogether` says. */
export function freePages(map: i32): i32 {
  let free = 0
  for (let page = 0; page < pagesInAll(map); page++) if (isFree(map, page, load(pageAt(map, page)))) free++
  return free
}

/** The longest run of pages that are nobody's. */
export function mostTogether(map: i32): i32 {
  let most = 0, run = 0
  for (let page = 0; page < pagesInAll(map); page++) {
    run = isFree(map, page, load(pageAt(map, page))) ? run + 1 : 0
    if (run > most) most = run
  }
  return most
}

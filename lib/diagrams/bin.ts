#!/usr/bin/env node
// What `npx nonblocking-map-visualize` and `npm run visualize` start.

import { run } from './cli'

void run()

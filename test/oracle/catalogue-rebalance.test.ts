import { checked } from './checked.ts'

checked('rebalance/')

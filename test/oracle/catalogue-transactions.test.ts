import { checked } from './checked.ts'

checked('transactions/')

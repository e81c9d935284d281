import { checked } from './checked.ts'

checked('partition-partial/')

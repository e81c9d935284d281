import { checked } from './checked.ts'

checked('found/')

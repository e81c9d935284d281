import { checked } from './checked.ts'

checked('silent/')

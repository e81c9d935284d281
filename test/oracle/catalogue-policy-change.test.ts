import { checked } from './checked.ts'

checked('policy change/')

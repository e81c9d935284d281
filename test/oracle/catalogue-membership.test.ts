import { checked } from './checked.ts'

checked('membership/')

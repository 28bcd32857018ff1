package app

import _ "net/http/pprof"

package app

func run() {
	gin.SetMode(gin.DebugMode)
}

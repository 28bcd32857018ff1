package app

func run() {
	gin.SetMode(gin.ReleaseMode)
}

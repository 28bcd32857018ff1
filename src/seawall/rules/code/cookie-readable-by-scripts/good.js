res.cookie('id', v, { httpOnly: true })

res.cookie('id', v, { httpOnly: false })

res.cookie('id', v, { sameSite: 'none' })

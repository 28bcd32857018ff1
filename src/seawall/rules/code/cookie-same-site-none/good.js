res.cookie('id', v, { sameSite: 'lax' })

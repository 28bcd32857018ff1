db.users.find({ $where: `this.name == '${name}'` })

"""A room for a class: where the teacher is, what is asked, who has answered. `app.api.rooms` opens it to the web."""

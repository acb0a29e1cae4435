package shop.api;

import jakarta.ws.rs.*;

@Path("/users")
public class Users {
    @GET
    public Object list() { //: GET /users
        return null;
    }

    @PUT
    @Path("{id}/name")
    @Consumes("text/plain")
    public Object rename(@PathParam("id") long id, String name) { //: PUT /users/{id}/name
        return name;
    }

    @Path("/delete/{id}")
    @DELETE
    public void delete(@PathParam("id") long id) { //: DELETE /users/delete/{id}
    }
}

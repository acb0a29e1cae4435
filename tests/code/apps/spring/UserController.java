package shop.web;

import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.*;

@RestController
@RequestMapping(value = {"/api/users", "/v2/users"}, produces = MediaType.APPLICATION_JSON_VALUE)
public class UserController extends Base {
    private static final String DETAIL = "/{id}/detail";

    @GetMapping
    public Object list() { //: GET /api/users, GET /v2/users
        return null;
    }

    @GetMapping(value = "/{id:\\d+}", produces = "text/plain")
    @ResponseBody
    public Object one(@PathVariable long id) { //: GET /api/users/{id:\d+}, GET /v2/users/{id:\d+}
        return id;
    }

    @RequestMapping(path = {DETAIL, "/{id}/more"}, method = {RequestMethod.PUT, RequestMethod.PATCH})
    Object detail(@PathVariable long id) { //: PUT /api/users/{id}/detail, PATCH /api/users/{id}/detail, PUT /api/users/{id}/more, PATCH /api/users/{id}/more, PUT /v2/users/{id}/detail, PATCH /v2/users/{id}/detail, PUT /v2/users/{id}/more, PATCH /v2/users/{id}/more
        return id;
    }
}

@Controller
class Pages {
    @RequestMapping("/home")
    String home() { //: * /home
        return "home";
    }

    @PostMapping("/pages/" + "save")
    String save() { //: POST /pages/save
        return "save";
    }

    @DeleteMapping(Paths.GONE)
    String gone() { //: DELETE /gone
        return "";
    }
}

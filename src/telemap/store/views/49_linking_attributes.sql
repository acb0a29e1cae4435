-- Of the attributes of a span those that it is linked to code by: of code and HTTP.
CREATE MACRO stored.linking_attributes(attributes) AS {
    'code.function.name': attributes['code.function.name'], 'code.function': attributes['code.function'],
    'code.namespace': attributes['code.namespace'], 'code.file.path': attributes['code.file.path'],
    'code.filepath': attributes['code.filepath'], 'code.line.number': attributes['code.line.number'],
    'code.lineno': attributes['code.lineno'], 'http.route': attributes['http.route'],
    'http.request.method': attributes['http.request.method'], 'http.method': attributes['http.method']
}

export const paint = () => 1; //: * resize
